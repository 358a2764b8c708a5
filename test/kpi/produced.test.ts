import { createAnnouncementActivities } from '../../src/activities/announcements';
import { createInventoryActivities } from '../../src/activities/inventory';
import { createPaymentActivities } from '../../src/activities/payments';
import { createShippingActivities } from '../../src/activities/shipping';
import { errorCatalogue } from '../../src/errors';
import { activityTypes, milestones, refusals, workflowTypes } from '../../src/kpi/produced';
import { messages } from '../../src/messages';
import * as workflows from '../../src/workflows';

/** The factories only keep what they are given. */
const nothing = {} as never;

describe('the lists of what is produced', () => {
  it('hold every activity', () => {
    const activities = {
      ...createInventoryActivities({ reservations: nothing }),
      ...createAnnouncementActivities({ publisher: nothing }),
      ...createPaymentActivities(nothing),
      ...createShippingActivities(nothing),
    };
    expect([...activityTypes].sort()).toEqual(Object.keys(activities).sort());
  });

  it('hold every workflow', () => {
    expect([...workflowTypes].sort()).toEqual(Object.keys(workflows).sort());
  });

  it('hold the announcement of every outcome, each a message that exists', () => {
    const types = messages.map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining([...milestones]));
  });

  it('name refusals by codes of the catalogue of errors', () => {
    expect(Object.keys(errorCatalogue)).toEqual(expect.arrayContaining([...refusals]));
  });
});
