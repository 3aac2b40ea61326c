/** Something to be called, and a promise of its next call. */
export function bell() {
  let ring = () => {};
  return {
    call: () => ring(),
    /** Does something, and resolves when it was noticed. */
    hears: (act: () => void) =>
      new Promise<void>((resolve) => {
        ring = resolve;
        act();
      }),
  };
}
