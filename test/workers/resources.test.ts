import { Resources } from '../../src/workers/resources';

describe('What a role has opened', () => {
  it('is closed in reverse order, once', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    for (const name of ['connection', 'producer', 'worker', 'consumer']) {
      expect(resources.use(name, async opened => closed.push(opened))).toBe(name);
    }
    await resources.close();
    await resources.close();
    expect(closed).toEqual(['consumer', 'worker', 'producer', 'connection']);
  });

  it('is closed also where closing one thing fails, and the failure is told', async () => {
    const closed: string[] = [];
    const resources = new Resources();
    resources.use('connection', async opened => closed.push(opened));
    resources.use('worker', () => Promise.reject(new Error('stuck')));
    await expect(resources.close()).rejects.toMatchObject({ errors: [new Error('stuck')] });
    expect(closed).toEqual(['connection']);
  });
});
