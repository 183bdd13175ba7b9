const SHADES = ' .:-=+*#%@';

/** A 32x32 picture in characters, two rows of pixels to a line, since characters are about twice as high as wide. */
export function asciiPicture(rgb: Uint8Array): string {
  const brightness = (row: number, column: number) => {
    const at = (row * 32 + column) * 3;
    return (rgb[at]! + rgb[at + 1]! + rgb[at + 2]!) / 3;
  };
  const shade = (row: number, column: number) => {
    const level = (brightness(row, column) + brightness(row + 1, column)) / 2;
    return SHADES[Math.floor((level / 256) * SHADES.length)]!;
  };
  const columns = Array.from({ length: 32 }, (_, column) => column);
  return Array.from({ length: 16 }, (_, line) =>
    columns.map((column) => shade(2 * line, column)).join(''),
  ).join('\n');
}
