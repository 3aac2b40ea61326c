import * as z from 'zod';
import { ROLES } from './roles.ts';

/** Apart from the roles themselves, because the page needs those and no schema. */
export const roleSchema = z.enum(ROLES);
