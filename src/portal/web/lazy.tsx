import type { ComponentType, FunctionComponent } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { Failed, Loading } from './notices.tsx';

/** A page of which the script is loaded when it is first shown. */
export function lazy<P extends object>(load: () => Promise<ComponentType<P>>): FunctionComponent<P> {
  let loaded: ComponentType<P> | undefined;
  return function Lazy(props: P) {
    // Only to be drawn again: a component as state would be called as what makes the state.
    const [, setDrawn] = useState(false);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== undefined) return;
      load().then(
        (page) => {
          loaded = page;
          setDrawn(true);
        },
        () => setFailed(true),
      );
    }, []);
    if (failed) {
      // The portal is away, or is a newer one, which has other files: both are answered by loading anew.
      const error = new ApiError(0, 'page-missing', 'This page could not be loaded.');
      return <Failed error={error} retry={() => location.reload()} />;
    }
    const Page = loaded;
    return Page === undefined ? <Loading /> : <Page {...props} />;
  };
}
