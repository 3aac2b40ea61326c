/** Scenario tests run real programs; the limit only ends one that would never pass. */
import { jest } from '@jest/globals';

jest.setTimeout(90_000);
