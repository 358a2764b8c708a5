import { addressOf, at } from '../../src/stack/address';

describe('an address', () => {
  it.each([
    ['127.0.0.1:7233', { host: '127.0.0.1', port: 7233 }],
    ['kafka_1.example.com:9092', { host: 'kafka_1.example.com', port: 9092 }],
    ['[::1]:7233', { host: '::1', port: 7233 }],
  ])('is read from %s, and written so again', (text, address) => {
    expect(addressOf(text)).toEqual(address);
    expect(at(address)).toBe(text);
  });
});
