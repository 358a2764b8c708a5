/** What a definition says, in plain words, made from the definition alone. */
import type { Condition, Formula, KpiDefinition, Observation, Term, Threshold } from './definition';
import { type OccurrenceKind, subjectField } from './fields';
import { amountInWords, decimal, listed, percent, spanInWords, statisticInWords } from './words';

/** A heading and what stands under it: sentences, then items. */
export interface Section {
  readonly heading: string;
  readonly sentences: readonly string[];
  readonly items: readonly string[];
}

export const explain = (definition: KpiDefinition): Section[] => [
  {
    heading: 'What it is for',
    sentences: [
      plain(definition.objective),
      ...(definition.retired === undefined ? [] : [`It is retired: ${plain(definition.retired)}`]),
    ],
    items: [],
  },
  howItCounts(definition),
  howItSplits(definition),
  whenItIsWrong(definition),
  {
    heading: 'What to read beside it',
    sentences: [plain(definition.counterMetric.because)],
    items: definition.counterMetric.kpis,
  },
  {
    heading: 'Who answers for it',
    sentences: [
      `${definition.owner.business} for the business, ${definition.owner.engineering} for the engineering.`,
      `They ask by ${definition.reviewBy} whether it is still right.`,
      `When it is out of bounds, open ${definition.runbook}.`,
    ],
    items: [],
  },
  {
    heading: 'Why it is a KPI',
    sentences: [],
    items: Object.entries(definition.justification).map(
      ([question, answer]) => `${question}: ${plain(answer)}`,
    ),
  },
];

function howItCounts({ formula, observes }: KpiDefinition): Section {
  const heading = 'How it counts';
  if (formula.kind === 'derived') {
    return {
      heading,
      sentences: [
        `It is computed from other KPIs, in ${formula.unit}: ${terms(formula.numerator)}, divided by ${terms(formula.denominator)}.`,
      ],
      items: [],
    };
  }
  return {
    heading,
    sentences: kindInWords(formula),
    items: observes.map(observation => observationInWords(formula, observation)),
  };
}

function kindInWords(formula: Exclude<Formula, { kind: 'derived' }>): string[] {
  const { kind, unit } = formula;
  const good = 'good' in formula ? goodInWords(formula.good) : [];
  switch (kind) {
    case 'count':
      return [`It counts ${unit}.`, ...good];
    case 'sum':
      return [`It adds up ${unit}.`, ...good];
    case 'ratio':
      return ['It is a share: what counts for it, of all that counts for or against it.'];
    case 'distribution':
      return [
        `It collects values in ${unit} and tells their number, average, extremes and percentiles.`,
        ...good,
      ];
    case 'gauge':
      return [
        `It follows a level in ${unit} and tells its average, minimum and maximum in each window.`,
      ];
  }
}

function goodInWords(good: Readonly<Record<string, readonly unknown[]>> = {}): string[] {
  const slices = Object.entries(good).map(
    ([name, values]) => `${name} ${listed(values.map(String))}`,
  );
  return slices.length === 0
    ? []
    : [`Good are those with ${listed(slices, 'and')}; their share is told, too.`];
}

const terms = (all: readonly Term[]): string => {
  const words = all.map(({ kpi, statistic, times }) => {
    const what = statistic === 'count' ? `the number of events of ${kpi}` : `the sum of ${kpi}`;
    return times === 1 ? what : `${what} times ${decimal(times)}`;
  });
  return listed(words, 'and');
};

/** The occurrence, about whom or what, in words. */
const happening: Readonly<Record<OccurrenceKind, (subjects: string | undefined) => string>> = {
  'attempt-failed': s => `an attempt of ${s ?? 'any activity'} fails`,
  'step-ended': s => `${s === undefined ? 'any step' : `the step ${s}`} ends`,
  milestone: s => `${s ?? 'any milestone'} is announced`,
  'workflow-closed': s => `a workflow ${s === undefined ? '' : `of type ${s} `}closes`,
  'order-refused': s => `the intake refuses a message${s === undefined ? '' : ` as ${s}`}`,
  measured: s => `${s ?? 'anything'} is measured`,
};

function observationInWords(
  { kind }: Formula,
  { occurrence, where = {}, value, set = {} }: Observation,
): string {
  const subject = subjectField[occurrence];
  const wanted = where[subject];
  const what = happening[occurrence](wanted === undefined ? undefined : conditionInWords(wanted));
  const filters = Object.entries(where)
    .filter(([field]) => field !== subject)
    .map(([field, condition]) => `${field} ${conditionInWords(condition)}`);
  const fixed = Object.entries(set).map(([name, fixedValue]) => `${name} ${fixedValue}`);
  return [
    what,
    filters.length === 0 ? '' : ` with ${listed(filters, 'and')}`,
    `: ${takenInWords(kind, value)}`,
    fixed.length === 0 ? '' : `, as ${listed(fixed, 'and')}`,
  ].join('');
}

function conditionInWords(condition: Condition): string {
  if (Array.isArray(condition)) return listed(condition.map(String));
  return typeof condition === 'object' ? `of at least ${condition.atLeast}` : String(condition);
}

function takenInWords(kind: Formula['kind'], value: number | string): string {
  if (kind === 'ratio') return value === 1 ? 'counts for the share' : 'counts against the share';
  const what = typeof value === 'string' ? `its ${value}` : value;
  return kind === 'count' || kind === 'sum' ? `adds ${what}` : `takes ${what}`;
}

function howItSplits({ dimensions }: KpiDefinition): Section {
  const heading = 'How it can be split';
  if (dimensions.length === 0) return { heading, sentences: ['Not at all.'], items: [] };
  return {
    heading,
    sentences: [
      'By these, each up to a number of different values; further ones count together as other. Test orders are always kept apart.',
    ],
    items: dimensions.map(({ name, bound, apart }) =>
      apart
        ? `${name}, up to ${bound}; its values are never added together`
        : `${name}, up to ${bound}`,
    ),
  };
}

function whenItIsWrong({ formula, window, target, slo, thresholds }: KpiDefinition): Section {
  const { statistic, atMost, atLeast } = target;
  const bound = atMost ?? atLeast ?? 0;
  const side = atMost === undefined ? 'at least' : 'at most';
  const figure = statisticInWords(statistic, formula);
  return {
    heading: 'When it is out of bounds',
    sentences: [
      `It is judged in windows of ${spanInWords(window)}. Its ${figure} should be ${side} ${amountInWords(bound, statistic, formula)}.`,
      ...(slo === undefined
        ? []
        : [
            `This is a service level objective over ${spanInWords(slo.period)}: ${percent(1 - bound)} of that time's events may fail before its error budget is spent.`,
          ]),
    ],
    items: thresholds.map(threshold => thresholdInWords(threshold, formula, window, statistic)),
  };
}

function thresholdInWords(
  { above, below, windows, severity, statistic: own }: Threshold,
  formula: Formula,
  window: string,
  targeted: KpiDefinition['target']['statistic'],
): string {
  const statistic = own ?? targeted;
  const side = above === undefined ? 'below' : 'above';
  const amount = amountInWords(above ?? below ?? 0, statistic, formula);
  const figure = own === undefined ? '' : `${statisticInWords(own, formula)} `;
  const time =
    windows === 1
      ? `in a window of ${spanInWords(window)}`
      : `for ${windows} windows in a row (${spanInWords(window, windows)})`;
  const consequence = severity === 'page' ? 'somebody is woken' : 'a ticket is opened';
  return `${figure}${side} ${amount} ${time}: ${consequence}`;
}

/** Prose as one line, as it reads. */
const plain = (text: string): string => text.replace(/\s+/g, ' ').trim();
