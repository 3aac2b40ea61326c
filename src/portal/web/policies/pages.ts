/** The pages of policies and of what they found: one part of the script, because who opens one of them opens the next. */
export { DetectionPage } from '../detections/detection-page.tsx';
export { DetectionsPage } from '../detections/detections-page.tsx';
export { PoliciesPage } from './policies-page.tsx';
export { PolicyPage } from './policy-page.tsx';
export { VersionPage } from './version-page.tsx';
