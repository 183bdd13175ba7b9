import { systemReason, UserError } from '../errors.ts';

// Errors of the file system whose causes lie outside the program, by errno code.
const EXPLANATIONS: Readonly<Record<string, readonly [problem: string, hint: string]>> = {
  EACCES: ['permission denied', 'Choose another folder, or change who may write there.'],
  EPERM: ['operation not permitted', 'Choose another folder, or change who may write there.'],
  EROFS: ['the file system is read-only', 'Choose a folder on another file system.'],
  ENOSPC: ['no space is left on the device', 'Free some space, or choose a folder on another device.'],
  EDQUOT: ['the disk quota is used up', 'Free some space, or choose a folder on another device.'],
  ENOENT: ['there is no such file or folder', 'Check the path.'],
  ENOTDIR: ['a part of the path is a file, expected a folder', 'Choose another path.'],
  EISDIR: ['it is a folder, expected a file', 'Choose another path.'],
  EEXIST: ['it is there already', 'Choose another path.'],
  ENOTEMPTY: ['the folder is not empty', 'Choose another path.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter path.'],
  ELOOP: ['its symbolic links lead in a circle', 'Check the path.'],
  EBUSY: ['it is in use', 'End the program that uses it.'],
  EMFILE: ['too many files are open', 'Raise the limit, for example with ulimit -n.'],
};

const ACTIONS: Readonly<Record<string, string>> = {
  mkdir: 'create',
  scandir: 'list',
  opendir: 'list',
  unlink: 'delete',
  rmdir: 'delete',
  stat: 'look at',
  lstat: 'look at',
};

/** An error of the file system in words, or undefined for any other error. */
export function explainSystemError(error: unknown): UserError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code = '', path, syscall = 'use' }: NodeJS.ErrnoException = error;
  // Node itself refuses some things, such as files that are too large, before it asks the operating system.
  const reason = code.startsWith('ERR_FS_') ? error.message : systemReason(error);
  const isOfFiles = path !== undefined || code.startsWith('ERR_FS_');
  const explanation =
    EXPLANATIONS[code] ?? (isOfFiles && reason !== undefined && ([reason, 'Check the path.'] as const));
  if (!explanation) return undefined;
  const [problem, hint] = explanation;
  return new UserError(
    'file',
    `cannot ${ACTIONS[syscall] ?? syscall} ${path ?? 'a file'}: ${problem}`,
    hint,
    { cause: error },
  );
}
