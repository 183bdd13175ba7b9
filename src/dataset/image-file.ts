import { UserError } from '../errors.ts';
import { readRegularFile, UnreadableFile } from '../regular-file.ts';
import { imageBytes, planeBytes, type RecordFormat } from './record-format.ts';

/** The accepted formats, by sharp's names. sharp supports more formats, among them drawings and documents. */
const FORMATS = ['png', 'jpeg', 'webp'];
const EXPECTED = 'PNG, JPEG or WebP';
/** Far more than the largest picture that sharp decodes takes. */
const MAX_BYTES = 2 ** 28;

/** sharp's colour space for each number of channels. */
const COLOURSPACES = { 1: 'b-w', 3: 'srgb' } as const;

/**
 * Reads a picture of any size and converts it to a format. First rotates it as its EXIF data say, and shows white where it is
 * transparent. Then, unless it has the format's size, scales it until it covers that size (Lanczos with 3 lobes if it shrinks), and
 * crops both ends of the longer side. Converts colours to 8-bit sRGB, and grey to three equal channels or, if the format has one
 * channel, colours to grey.
 *
 * @param path path of a PNG, JPEG or WebP file, whatever its name
 * @returns bytes, as {@link Records.planes} returns them
 * @throws UserError `dataset` if the file is not such a picture or is damaged, or if sharp is not installed; `file` if it cannot be
 *   read
 */
export async function readImageFile(path: string, format: RecordFormat): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBytes(path);
  const sharp = await loadSharp();
  const kind = await kindOf(bytes, sharp);
  if (kind === undefined || !FORMATS.includes(kind))
    throw new UserError(
      'dataset',
      `${path} is no ${EXPECTED} picture${kind ? ` but ${kind}` : ''}`,
      'Name a picture, or convert it to one of these formats.',
    );
  const pixels = await sharp(bytes)
    .autoOrient()
    .flatten({ background: 'white' })
    .resize(format.width, format.height, { fit: 'cover', position: 'centre', kernel: 'lanczos3' })
    .toColourspace(COLOURSPACES[format.channels])
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((error: Error) => {
      throw undecodable(path, error);
    });
  return toPlanes(pixels, format);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readRegularFile(path, MAX_BYTES);
  } catch (error) {
    if (!(error instanceof UnreadableFile)) throw error;
    throw new UserError(error.code, error.message, 'Name a picture.', { cause: error });
  }
}

/** Loads sharp only when a picture is read. It is an optional package of 20 MB of native code. */
async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw isMissing
      ? new UserError(
          'dataset',
          'sharp, which reads pictures, is not installed',
          'Run npm install sharp where cifar10-prune is installed (with --global if that is).',
          { cause: error },
        )
      : new UserError(
          'dataset',
          `sharp, which reads pictures, cannot be loaded on ${process.platform} ${process.arch}`,
          'Install sharp again without leaving out its optional packages.',
          { cause: error },
        );
  }
}

/** The format of a file by sharp's name; undefined if sharp does not recognize it. */
async function kindOf(bytes: Uint8Array, sharp: typeof import('sharp')['default']) {
  try {
    return (await sharp(bytes).metadata()).format;
  } catch {
    return undefined;
  }
}

/** An error with the first line of the decoder's message, such as `VipsJpeg: premature end of JPEG image`, without the function's name. */
function undecodable(path: string, error: Error): UserError {
  const reason = error.message.split('\n', 1)[0]!.replace(/^\w+: /, '');
  return new UserError(
    'dataset',
    `${path} cannot be decoded: ${reason}`,
    'Take another copy of the file: this one is damaged or cut short.',
    { cause: error },
  );
}

function toPlanes(interleaved: Uint8Array, format: RecordFormat): Uint8Array<ArrayBuffer> {
  const plane = planeBytes(format);
  return Uint8Array.from({ length: imageBytes(format) }, (_, at) => {
    const pixel = at % plane;
    const channel = (at - pixel) / plane;
    return interleaved[pixel * format.channels + channel]!;
  });
}
