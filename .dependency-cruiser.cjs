/** The import column of docs/architecture.md, enforced. A folder not named in `may` is out of bounds. */
const folders = {
  messages: [],
  domain: [{ types: 'messages' }, 'errors'],
  kpi: [{ types: 'messages' }, 'errors'],
  workflows: ['domain', 'errors', { types: 'messages' }, { types: 'activities' }],
  providers: ['domain', 'messages', 'errors'],
  kafka: ['messages', 'errors', 'config', 'telemetry', 'batcher'],
  postgres: ['domain', 'kpi', 'messages', 'errors', 'config', 'telemetry', 'batcher'],
  activities: [
    'domain',
    'messages',
    'postgres',
    'kafka',
    'providers',
    'errors',
    'telemetry',
    'batcher',
  ],
  'interceptors/workflow': ['domain', { types: 'kpi' }, 'errors'],
  'interceptors/worker': [
    'domain',
    'kpi',
    'kpiRecords',
    'messages',
    'kafka',
    'errors',
    'telemetry',
    { types: 'interceptors/workflow' },
  ],
  intake: [
    'domain',
    'kpi',
    'kpiRecords',
    'messages',
    'kafka',
    'postgres',
    'errors',
    'config',
    'telemetry',
    'temporal',
    'batcher',
    { types: 'workflows' },
  ],
  ledger: ['kpi', 'messages', 'kafka', 'postgres', 'errors', 'config', 'telemetry', 'batcher'],
  watcher: [
    'domain',
    'kpi',
    'kpiRecords',
    'messages',
    'kafka',
    'postgres',
    'providers',
    'interceptors/worker',
    'errors',
    'config',
    'telemetry',
    { types: 'interceptors/workflow' },
    { types: 'activities' },
    { types: 'workflows' },
  ],
  partners: ['messages', 'kafka', 'errors', { types: 'telemetry' }],
  stack: ['domain', 'kafka', 'errors', 'config', 'configValues', 'temporal'],
};

const path = name =>
  name.includes('/') || isFolder(name) ? `^src/${name}/` : `^src/${name}\\.ts$`;
const isFolder = name => name in folders || ['workers', 'cli', 'api'].includes(name);

const layering = Object.entries(folders).map(([name, may]) => {
  const values = may.filter(m => typeof m === 'string').map(path);
  const types = may.filter(m => typeof m === 'object').map(m => path(m.types));
  return [
    {
      name: `${name} imports only what it may`,
      severity: 'error',
      from: { path: path(name) },
      to: { path: '^src/', pathNot: [path(name), ...values, ...types] },
    },
    ...(types.length === 0
      ? []
      : [
          {
            name: `${name} takes only types from there`,
            severity: 'error',
            from: { path: path(name) },
            to: { path: types, dependencyTypesNot: ['type-only'] },
          },
        ]),
  ];
});

module.exports = {
  forbidden: [
    ...layering.flat(),
    {
      name: 'zod stays out of the workflow bundle',
      severity: 'error',
      from: { path: '^src/(workflows|domain|interceptors/workflow)/' },
      to: { path: 'node_modules/(zod|pg|kafkajs)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'roles know neither the command line nor the local servers',
      severity: 'error',
      from: { path: '^src/workers/' },
      to: { path: '^src/(cli|stack)/' },
    },
    {
      name: 'no cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
};
