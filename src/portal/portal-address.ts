/** Name under which a running portal leaves its address in its store, for sign-in links and mails. */
export const ADDRESS = 'address';
