/** Gives a Windows executable its icon and what Explorer shows as its version. */
import * as resedit from 'resedit';

/** The neutral choice among languages and code pages of resources: US English, Unicode. */
const LANGUAGE = { lang: 1033, codepage: 1200 };

/** What Explorer's page "Details" shows. */
export interface Details {
  version: string;
  name: string;
  description: string;
}

/** The same executable with our icon and version instead of Node's, and without Node's signature. Pure. */
export function dressForWindows(file: Buffer, icon: Buffer, details: Details): Buffer {
  const executable = resedit.NtExecutable.from(file, { ignoreCert: true });
  const resources = resedit.NtExecutableResource.from(executable);
  const [group] = resedit.Resource.IconGroupEntry.fromEntries(resources.entries);
  const icons = resedit.Data.IconFile.from(icon).icons.map(({ data }) => data);
  resedit.Resource.IconGroupEntry.replaceIconsForResource(resources.entries, group?.id ?? 1, LANGUAGE.lang, icons);
  const [version] = resedit.Resource.VersionInfo.fromEntries(resources.entries);
  if (version === undefined) throw new Error('The executable has no version resource to replace');
  const [major = 0, minor = 0, micro = 0] = details.version.split('.').map(Number);
  version.setFileVersion(major, minor, micro, 0, LANGUAGE.lang);
  version.setProductVersion(major, minor, micro, 0, LANGUAGE.lang);
  for (const language of version.getAllLanguagesForStringValues()) version.removeAllStringValues(language);
  version.setStringValues(LANGUAGE, {
    FileDescription: details.description,
    ProductName: details.name,
    CompanyName: details.name,
    LegalCopyright: 'Apache License 2.0',
    FileVersion: details.version,
    ProductVersion: details.version,
    InternalName: 'capsule-kiro',
    OriginalFilename: 'capsule-kiro.exe',
  });
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(executable);
  return Buffer.from(executable.generate());
}
