/** Whether the KPIs that definitions name exist, and can be computed with. */
import { type Family, type Version, wrongIn } from './family';

/** @throws OrderlyError KpiDefinitionInvalid, for the first definition that names what can not be used. */
export function refuseWrongReferences(families: ReadonlyMap<string, Family>): void {
  for (const version of [...families.values()].flat()) {
    const wrong = wrongReference(version, families);
    if (wrong !== undefined) throw wrongIn(version, wrong.field, wrong.detail);
  }
}

interface Wrong {
  readonly field: 'counterMetric' | 'formula' | 'dimensions';
  readonly detail: string;
}

function wrongReference(
  { definition: { name, formula, dimensions, counterMetric } }: Version,
  families: ReadonlyMap<string, Family>,
): Wrong | undefined {
  for (const kpi of counterMetric.kpis) {
    const field = 'counterMetric';
    if (kpi === name) return { field, detail: `${name} can not be its own counter-metric` };
    if (!families.has(kpi)) return { field, detail: `counterMetric.kpis: there is no KPI ${kpi}` };
  }
  if (formula.kind !== 'derived') return undefined;
  for (const { kpi } of [...formula.numerator, ...formula.denominator]) {
    const field = 'formula';
    const inputs = families.get(kpi);
    if (inputs === undefined) return { field, detail: `formula: there is no KPI ${kpi}` };
    for (const { definition: input } of inputs) {
      if (input.formula.kind === 'derived') {
        return { field, detail: `formula: ${kpi} is derived itself` };
      }
      const lacking = dimensions.find(d => !input.dimensions.some(of => of.name === d.name));
      if (lacking !== undefined) {
        const detail = `${kpi}@${input.version} has no dimension ${lacking.name}`;
        return { field: 'dimensions', detail };
      }
    }
  }
  return undefined;
}
