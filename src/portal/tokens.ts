import { generateKeyPairSync } from 'node:crypto';
import { errors, importJWK, type JWK, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { Refusal } from './answer.ts';
import { idSchema } from './event-schema.ts';
import type { PortalStore } from './store/store.ts';

export interface SigningKey {
  sign: Awaited<ReturnType<typeof importJWK>>;
  verify: Awaited<ReturnType<typeof importJWK>>;
}

/** What a signed token says: which credential of which organisation it is, and for devices which one. */
export interface TokenClaims {
  kind: 'org' | 'device';
  org: string;
  id: string;
  device: string | null;
  issuedAt: Date;
  expiresAt: Date;
}

const ALGORITHM = 'EdDSA';
const ISSUER = 'capsule-portal';
/** Clocks differ; a token is not refused for this many seconds. */
const TOLERANCE_S = 60;

/** The portal's Ed25519 key, made at its first start. It is kept with the data, so that replicas share it. */
export async function loadSigningKey(store: PortalStore): Promise<SigningKey> {
  const jwk = JSON.parse(await store.valueOr('signing-key', makeKey)) as JWK;
  const { d: _secret, ...open } = jwk;
  return { sign: await importJWK(jwk, ALGORITHM), verify: await importJWK(open, ALGORITHM) };
}

const makeKey = (): string => JSON.stringify(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }));

/** A signed token for these claims. */
export async function signToken(key: SigningKey, claims: TokenClaims): Promise<string> {
  const token = new SignJWT({ org: claims.org })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(claims.kind)
    .setJti(claims.id)
    .setIssuedAt(claims.issuedAt)
    .setExpirationTime(claims.expiresAt);
  if (claims.device !== null) token.setSubject(claims.device);
  return token.sign(key.sign);
}

const payloadSchema = z.object({
  org: idSchema,
  jti: idSchema,
  aud: z.enum(['org', 'device']),
  sub: idSchema.optional(),
  iat: z.number(),
  exp: z.number(),
});

/** Whether we signed it, for this purpose, and it has not ended. Refuses (401) with `token-invalid` or `token-expired`. */
export async function verifyToken(
  key: SigningKey,
  token: string,
  kind: TokenClaims['kind'],
  now: Date,
): Promise<TokenClaims> {
  try {
    const { payload } = await jwtVerify(token, key.verify, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: kind,
      currentDate: now,
      clockTolerance: TOLERANCE_S,
    });
    const { org, jti, aud, sub, iat, exp } = payloadSchema.parse(payload);
    return {
      kind: aud,
      org,
      id: jti,
      device: sub ?? null,
      issuedAt: new Date(iat * 1000),
      expiresAt: new Date(exp * 1000),
    };
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw tokenExpired(new Date((error.payload.exp ?? 0) * 1000));
    if (error instanceof errors.JOSEError || error instanceof z.ZodError) throw tokenInvalid();
    throw error;
  }
}

/** 401: it ended. */
export const tokenExpired = (when: Date): Refusal =>
  new Refusal(401, 'token-expired', `The token ended on ${when.toISOString()}`);
/** 401: it was taken back. */
export const tokenRevoked = (why = 'The token was revoked'): Refusal => new Refusal(401, 'token-revoked', why);
/** 401: it is none of this portal's for this purpose. */
export const tokenInvalid = (): Refusal =>
  new Refusal(401, 'token-invalid', 'The token is missing, damaged, of another kind or of another portal');
