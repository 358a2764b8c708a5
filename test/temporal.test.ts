import { join } from 'node:path';
import { readConfig } from '../src/config';
import { connect } from '../src/temporal';

const missing = join(__dirname, 'nowhere.pem');
const present = __filename;

describe('A connection to Temporal', () => {
  it.each([
    ['TEMPORAL_TLS_SERVER_CA_CERT_PATH', {}],
    ['TEMPORAL_TLS_CLIENT_CERT_PATH', { TEMPORAL_TLS_CLIENT_KEY_PATH: present }],
    ['TEMPORAL_TLS_CLIENT_KEY_PATH', { TEMPORAL_TLS_CLIENT_CERT_PATH: present }],
  ])('is not tried where the file of %s can not be read', async (variable, others) => {
    await expect(connect(readConfig({ ...others, [variable]: missing }))).rejects.toMatchObject({
      code: 'ConfigInvalid',
      message: expect.stringContaining(`${variable}: ${missing} can not be read`),
    });
  });

  it.each(['TEMPORAL_TLS_CLIENT_CERT_PATH', 'TEMPORAL_TLS_CLIENT_KEY_PATH'])(
    'is not tried with %s alone',
    async variable => {
      await expect(connect(readConfig({ [variable]: present }))).rejects.toMatchObject({
        code: 'ConfigInvalid',
        message: expect.stringContaining('need each other'),
      });
    },
  );
});
