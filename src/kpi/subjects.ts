import type { Observation } from './definition';
import { subjectField } from './fields';

/** The subjects of its kind of occurrence that an observation names; all, where it names none. */
export function subjectsWanted({ occurrence, where }: Observation): 'all' | readonly string[] {
  const wanted = where?.[subjectField[occurrence]];
  return wanted === undefined ? 'all' : [wanted].flat().map(String);
}
