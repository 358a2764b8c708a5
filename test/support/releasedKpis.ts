import { Catalogue } from '../../src/kpi/catalogue';
import { kpisFolder, readDefinitions } from '../../src/kpiCatalogue';

/**
 * These released definitions alone, each as `name@version`, for tests that count events: a KPI that is
 * added, or a version that takes effect, changes none of their figures.
 */
export const releasedKpis = (...versions: readonly string[]): Catalogue =>
  new Catalogue(
    readDefinitions(kpisFolder)
      .filter(({ definition: { name, version } }) => versions.includes(`${name}@${version}`))
      .map(({ file, definition }) => ({
        file,
        // The KPIs to read beside it need not be among them.
        definition: { ...definition, counterMetric: { ...definition.counterMetric, kpis: [] } },
      })),
  );
