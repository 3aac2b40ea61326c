import { chmodSync, chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { connectionConfig } from '../../../../src/portal/store/postgres/connection.ts';
import { numbered } from '../../../../src/portal/store/postgres/database.ts';
import { migrate } from '../../../../src/portal/store/postgres/migrate.ts';
import { certificate, hasOpenssl } from '../../../helpers/certificates.ts';
import { withPostgres } from '../../../helpers/postgres.ts';
import { startPostgres } from '../../../helpers/postgres-server.ts';
import { tempFolder } from '../../../helpers/temp-home.ts';
import { isRoot } from '../../../helpers/unprivileged.ts';

test('a database on another machine is reached by TLS that checks its name, one on this machine without', () => {
  expect(connectionConfig({ url: 'postgres://u:p@db.example.com/capsule' }).ssl).toMatchObject({
    rejectUnauthorized: true,
  });
  for (const host of ['localhost', '127.0.0.1', '127.8.8.8', '[::1]']) {
    expect(connectionConfig({ url: `postgres://u:p@${host}/capsule` }).ssl).toBe(false);
  }
  expect(connectionConfig({ url: 'postgres://u@localhost/capsule?host=/run/postgresql' })).toMatchObject({
    ...{ host: '/run/postgresql', ssl: false },
  });
});

test('an authority of one’s own is read from its file, and the name may be left unchecked on one’s word', () => {
  const caFile = path.join(tempFolder(), 'ca.pem');
  writeFileSync(caFile, 'CERTIFICATE');
  const url = 'postgres://u:p@db.example.com/capsule';
  expect(connectionConfig({ url, caFile }).ssl).toMatchObject({ rejectUnauthorized: true, ca: 'CERTIFICATE' });
  expect(connectionConfig({ url: `${url}?sslmode=verify-ca`, caFile }).ssl).toMatchObject({ rejectUnauthorized: true });
  expect(connectionConfig({ url: `${url}?sslmode=disable` }).ssl).toBe(false);
});

test.each(['prefer', 'require', 'allow', 'nonsense'])(
  'sslmode=%s, which takes any server for ours, is refused',
  (mode) => {
    const url = `postgres://u:secret@db.example.com/capsule?sslmode=${mode}`;
    expect(() => connectionConfig({ url })).toThrow(expect.objectContaining({ code: 'usage' }));
  },
);

test.each(['', 'mysql://u:secret@h/d', 'u:secret@h/d', 'postgres//u:secret@h'])(
  'what is no address of a PostgreSQL (%s) is refused without being shown',
  (url) => {
    expect(() => connectionConfig({ url })).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => connectionConfig({ url })).not.toThrow(/secret/);
  },
);

test('user, password, port and name are taken out of the address, and 5432 and capsule unless said', () => {
  expect(connectionConfig({ url: 'postgresql://dev%40corp:p%2Fw@10.0.0.5:6432/logs' })).toMatchObject({
    ...{ user: 'dev@corp', password: 'p/w', host: '10.0.0.5', port: 6432, database: 'logs' },
  });
  expect(connectionConfig({ url: 'postgres://localhost' })).toMatchObject({ port: 5432, database: 'capsule' });
});

const withTls = hasOpenssl ? withPostgres : describe.skip;
withTls('a database that shows a certificate', () => {
  test('is spoken to when its authority is known and its name is the one that was asked for, and not otherwise', async () => {
    const { file, key } = certificate({ name: 'localhost' });
    const folder = path.dirname(file);
    const keyFile = path.join(folder, 'server-key.pem');
    writeFileSync(keyFile, key, { mode: 0o600 });
    chmodSync(folder, 0o755);
    if (isRoot) chownSync(keyFile, 65_534, 65_534);
    const server = await startPostgres(['ssl=on', `ssl_cert_file=${file}`, `ssl_key_file=${keyFile}`]);
    try {
      const url = `${await server.database()}?sslmode=verify-full`;
      const named = url.replace('127.0.0.1', 'localhost');
      const migrated = (options: { url: string; caFile?: string }) => migrate(options, new Date());
      await migrated({ url: named, caFile: file });
      await expect(migrated({ url: named })).rejects.toThrow('self-signed certificate');
      await expect(migrated({ url, caFile: file })).rejects.toThrow("does not match certificate's altnames");
      await migrated({ url: url.replace('verify-full', 'verify-ca'), caFile: file });
    } finally {
      await server.stop();
    }
  }, 60_000);
});

test('each ? of a statement becomes the number of its value, and what stands in quotes stays', () => {
  expect(numbered("SELECT '?' FROM a WHERE org_id = $1 AND b = ? AND c LIKE ? ESCAPE '\\'", 2)).toBe(
    "SELECT '?' FROM a WHERE org_id = $1 AND b = $2 AND c LIKE $3 ESCAPE '\\'",
  );
});
