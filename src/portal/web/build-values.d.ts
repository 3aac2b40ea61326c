/** The address of the icons, put in by `build/page.js`. */
declare const ICONS: string;
