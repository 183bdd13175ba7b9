/** Whether a name is that of a file, without a folder. Separators of all systems are refused on every system, so that a name means the same everywhere. */
export function isPlainName(name: string): boolean {
  return !/^\.{0,2}$/.test(name) && !/[/\\\p{Cc}]/u.test(name);
}
