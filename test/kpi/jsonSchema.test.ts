import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { definitionJsonSchema } from '../../src/kpi/jsonSchema';
import { definitionYaml } from './samples';

const kpis = join(__dirname, '../../kpis');
const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false });
addFormats(ajv);
const validate = ajv.compile(definitionJsonSchema());

const accepts = (yaml: string): boolean => validate(parse(yaml));

describe('the JSON Schema of KPI definitions', () => {
  it.each(readdirSync(kpis).filter(file => file.endsWith('.yaml')))('accepts %s', file => {
    expect(accepts(readFileSync(join(kpis, file), 'utf8'))).toBe(true);
    expect(validate.errors).toBeNull();
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['without a title', { title: undefined }],
    ['with a field that there is not', { colour: 'red' }],
    [
      'with an occurrence that there is not',
      { observes: '[{ occurrence: order-lost, value: 1 }]' },
    ],
    ['with a kind that there is not', { formula: '{ kind: guess, metric: m, unit: u }' }],
    [
      'with a severity that there is not',
      { thresholds: '[{ above: 5, windows: 1, severity: shout }]' },
    ],
    ['with a dimension without bound', { dimensions: '[{ name: failure }]' }],
    ['with a name in capitals', { name: 'Errors' }],
    ['with a version that is no whole number', { version: '1.5' }],
    ['with a window that is no duration', { window: 'soon' }],
    ['with a justification of one word', { justification: '{ clear: yes }' }],
  ])('refuses a definition %s', (_, changes) => {
    expect(accepts(definitionYaml())).toBe(true);
    expect(accepts(definitionYaml(changes))).toBe(false);
  });

  it('describes every field at the top, for the editor to show', () => {
    const fields = Object.entries(definitionJsonSchema().properties ?? {});

    expect(fields.length).toBeGreaterThan(15);
    for (const [, field] of fields) expect(field).toHaveProperty('description');
  });
});
