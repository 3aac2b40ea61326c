/** Why a program's path cannot be registered, when `forbidden` matches it or it holds control characters; else undefined. Pure. */
export function unfit(program: string, forbidden?: RegExp): string | undefined {
  const odd = /\p{Cc}/u.test(program) || (forbidden?.test(program) ?? false);
  return odd ? `${JSON.stringify(program)} has characters that cannot stand in the registration` : undefined;
}
