import { type HttpServer, startHttpServer } from '../../src/workers/httpServer';

let server: HttpServer;
let troubles: string[] = [];

beforeAll(async () => {
  server = await startHttpServer({
    host: '127.0.0.1',
    port: 0,
    metrics: async () => ['ours_example 1\n', 'temporal_example 1\n'],
    troubles: async () => troubles,
  });
});
afterAll(() => server.stop());

const get = async (path: string) => {
  const response = await fetch(`${server.url}${path}`);
  return { status: response.status, body: await response.text() };
};

describe('The HTTP server of a process', () => {
  it('is healthy as long as it answers', async () => {
    expect(await get('/healthz')).toEqual({ status: 200, body: 'ok\n' });
  });

  it('is ready only without troubles, and names them', async () => {
    troubles = [];
    expect((await get('/readyz')).status).toBe(200);
    troubles = ['not in the consumer group'];
    expect(await get('/readyz')).toEqual({ status: 503, body: 'not in the consumer group\n' });
  });

  it("shows the SDK's metrics beside our own", async () => {
    const { status, body } = await get('/metrics');
    expect(status).toBe(200);
    expect(body.split('\n')).toEqual(
      expect.arrayContaining(['ours_example 1', 'temporal_example 1']),
    );
  });

  it('answers the same whatever is asked behind the path', async () => {
    expect((await get('/metrics?name[]=ours_example')).body).toContain('ours_example 1');
    expect((await get('/healthz?')).status).toBe(200);
  });

  it('names the place where another process answers already', async () => {
    const { hostname: host, port } = new URL(server.url);
    const second = startHttpServer({
      ...{ host, port: Number(port) },
      ...{ metrics: async () => [], troubles: async () => [] },
    });
    await expect(second).rejects.toMatchObject({
      code: 'HttpPortTaken',
      parameters: { host, port: Number(port), detail: expect.stringContaining('EADDRINUSE') },
    });
  });

  it('says what there is to whoever asks for something else', async () => {
    expect((await get('/nothing')).status).toBe(404);
  });
});
