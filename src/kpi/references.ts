/** Whether the KPIs that definitions name exist, and can be computed with. */
import { OrderlyError } from '../errors';
import type { Family, Version } from './family';

/** @throws OrderlyError KpiDefinitionInvalid, for the first definition that names what can not be used. */
export function refuseWrongReferences(families: ReadonlyMap<string, Family>): void {
  for (const version of [...families.values()].flat()) {
    const detail = wrongReference(version, families);
    if (detail !== undefined) {
      throw new OrderlyError('KpiDefinitionInvalid', { file: version.file, line: 1, detail });
    }
  }
}

function wrongReference(
  { definition: { name, formula, dimensions, counterMetric } }: Version,
  families: ReadonlyMap<string, Family>,
): string | undefined {
  for (const kpi of counterMetric.kpis) {
    if (kpi === name) return `${name} can not be its own counter-metric`;
    if (!families.has(kpi)) return `counterMetric.kpis: there is no KPI ${kpi}`;
  }
  if (formula.kind !== 'derived') return undefined;
  for (const { kpi } of [...formula.numerator, ...formula.denominator]) {
    const inputs = families.get(kpi);
    if (inputs === undefined) return `formula: there is no KPI ${kpi}`;
    for (const { definition: input } of inputs) {
      if (input.formula.kind === 'derived') return `formula: ${kpi} is derived itself`;
      const lacking = dimensions.find(d => !input.dimensions.some(of => of.name === d.name));
      if (lacking !== undefined) return `${kpi}@${input.version} has no dimension ${lacking.name}`;
    }
  }
  return undefined;
}
