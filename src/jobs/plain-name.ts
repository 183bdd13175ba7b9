/** Whether a name is that of a file, without a folder. Separators of every system are refused everywhere, so that it means the same on all. */
export function isPlainName(name: string): boolean {
  return !/^\.{0,2}$/.test(name) && !/[/\\\p{Cc}]/u.test(name);
}
