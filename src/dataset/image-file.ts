import { UserError } from '../errors.ts';
import { readRegularFile, UnreadableFile } from '../regular-file.ts';
import { CHANNELS, IMAGE_BYTES, IMAGE_SIZE, PLANE_BYTES } from './records.ts';

/** What is read, as sharp names it; sharp knows more formats, among them drawings and documents. */
const FORMATS = ['png', 'jpeg', 'webp'];
const EXPECTED = 'PNG, JPEG or WebP';
/** Far more than a picture takes that has as many pixels as are decoded. */
const MAX_BYTES = 2 ** 28;

/**
 * Reads a picture of any size as CIFAR-10's files would hold it. A picture of 32x32 is taken as it is; any other is scaled
 * until its shorter side has 32 pixels (Lanczos, 3 lobes, when it shrinks) and loses what sticks out at both ends of the
 * longer side. Before that it is turned upright as its EXIF data say, colours become 8-bit sRGB, grey becomes three equal
 * channels, and what is transparent shows white.
 *
 * @param path of a PNG, JPEG or WebP file, whatever its name
 * @returns 3,072 bytes as {@link Records.planes} returns them
 * @throws UserError `dataset` where the file holds no such picture or a damaged one, or sharp is not there; `file` where it
 *   cannot be read
 */
export async function readImageFile(path: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = await readBytes(path);
  const sharp = await loadSharp();
  const format = await formatOf(bytes, sharp);
  if (format === undefined || !FORMATS.includes(format))
    throw new UserError(
      'dataset',
      `${path} is no ${EXPECTED} picture${format ? ` but ${format}` : ''}`,
      'Name a picture, or convert it to one of these formats.',
    );
  const pixels = await sharp(bytes)
    .autoOrient()
    .flatten({ background: 'white' })
    .resize(IMAGE_SIZE, IMAGE_SIZE, { fit: 'cover', position: 'centre', kernel: 'lanczos3' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer()
    .catch((error: Error) => {
      throw undecodable(path, error);
    });
  return toPlanes(pixels);
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
async function formatOf(bytes: Uint8Array, sharp: typeof import('sharp')['default']) {
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

function toPlanes(interleaved: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: IMAGE_BYTES }, (_, at) => {
    const pixel = at % PLANE_BYTES;
    const channel = (at - pixel) / PLANE_BYTES;
    return interleaved[pixel * CHANNELS + channel]!;
  });
}
