import { UserError } from '../errors.ts';
import { readRegularFile, UnreadableFile } from '../regular-file.ts';
import { imageBytes, planeBytes, type RecordFormat } from './record-format.ts';

/** What is read, as sharp names it; sharp knows more formats, among them drawings and documents. */
const FORMATS = ['png', 'jpeg', 'webp'];
const EXPECTED = 'PNG, JPEG or WebP';
/** Far more than a picture takes that has as many pixels as are decoded. */
const MAX_BYTES = 2 ** 28;

/** What sharp makes of colours, by the number of channels. */
const COLOURSPACES = { 1: 'b-w', 3: 'srgb' } as const;

/**
 * Reads a picture of any size as files of a format would hold it. One of the format's size is taken as it is; any other is scaled
 * until it covers that size (Lanczos, 3 lobes, when it shrinks) and loses what sticks out at both ends of the longer side. Before
 * that it is turned upright as its EXIF data say, colours become 8-bit sRGB, grey becomes three equal channels (or the one that
 * the format has), and what is transparent shows white.
 *
 * @param path of a PNG, JPEG or WebP file, whatever its name
 * @returns bytes as {@link Records.planes} returns them
 * @throws UserError `dataset` where the file holds no such picture or a damaged one, or sharp is not there; `file` where it
 *   cannot be read
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

/** Loads it only where a picture is read: it is native code of 20 MB, which those install who need it. */
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

/** As sharp names it; undefined where it knows none. */
async function kindOf(bytes: Uint8Array, sharp: typeof import('sharp')['default']) {
  try {
    return (await sharp(bytes).metadata()).format;
  } catch {
    return undefined;
  }
}

/** The first line of what the decoder says, without the name of its function: `VipsJpeg: premature end of JPEG image`. */
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
