import jpeg from 'jpeg-js';
import { PNG } from 'pngjs';
import { decodeQRBatch, type Image } from 'qr/decode.js';
import { FobtwinError } from '../../shared/errors.ts';
import { pictureFormat } from './picture-format.ts';

/** QR codes in a picture: PNG or JPEG, as a screen or a telephone takes it. */

/** A photograph of 24 million pixels is about 12 MiB. */
export const IMAGE_BYTES_MAX = 20 * 1024 * 1024;
const IMAGE_PIXELS_MAX = 25_000_000;
const MEGA = 1_000_000;
const JPEG_MEBIBYTES_MAX = 1024;
/** How long a picture is searched at most; most are read in a few milliseconds. */
const SEARCH_MILLIS_MAX = 5_000;

/**
 * The texts of all QR codes in a picture.
 *
 * @throws FobtwinError `invalidInput` for another format, or a picture damaged or too large
 * and for one without a QR code
 */
export async function readQrTexts(bytes: Uint8Array): Promise<string[]> {
  if (bytes.length > IMAGE_BYTES_MAX) throw tooLarge();
  const image = fitting(onWhite(decode(bytes)));
  for (const shown of [enlarged(image), image]) {
    const texts = await search(shown);
    if (texts.length > 0) return texts;
  }
  throw new FobtwinError('invalidInput', 'No QR code was found in the picture', {
    nextStep:
      'Cut the picture to the code and a little white around it, and see that the code is sharp.',
  });
}

function decode(bytes: Uint8Array): Image {
  const format = pictureFormat(bytes);
  if (format !== 'PNG' && format !== 'JPEG') {
    throw new FobtwinError('invalidInput', `A picture is PNG or JPEG, not ${format ?? 'this'}`, {
      nextStep: 'Save it as PNG, or take a picture of the screen.',
    });
  }
  try {
    return format === 'PNG' ? decodePng(bytes) : decodeJpeg(bytes);
  } catch (error) {
    if (error instanceof FobtwinError) throw error;
    throw new FobtwinError('invalidInput', `The ${format} picture is damaged`, {
      cause: error,
      nextStep: 'Save it again, or take another picture.',
    });
  }
}

/** PNG (ISO/IEC 15948) begins with IHDR: width, height, …, method of interlacing. */
const IHDR = { width: 16, height: 20, interlaced: 28, end: 33 } as const;

function decodePng(bytes: Uint8Array): Image {
  if (bytes.length < IHDR.end) throw new Error('cut off within its header');
  const header = new DataView(bytes.buffer, bytes.byteOffset, IHDR.end);
  const pixels = header.getUint32(IHDR.width) * header.getUint32(IHDR.height);
  if (pixels > IMAGE_PIXELS_MAX) throw tooLarge();
  if (header.getUint8(IHDR.interlaced) !== 0) {
    // Its decoder bounds what it unpacks only where rows follow one another.
    throw new FobtwinError('invalidInput', 'The PNG picture is interlaced', {
      nextStep: 'Save it again without interlacing.',
    });
  }
  return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
}

function decodeJpeg(bytes: Uint8Array): Image {
  try {
    return jpeg.decode(bytes, {
      useTArray: true,
      tolerantDecoding: false,
      maxResolutionInMP: IMAGE_PIXELS_MAX / MEGA,
      maxMemoryUsageInMB: JPEG_MEBIBYTES_MAX,
    });
  } catch (error) {
    const exceeds = error instanceof Error && error.message.includes('limit exceeded');
    throw exceeds ? tooLarge() : error;
  }
}

const CHANNELS = 4;
const WHITE = 255;

/** Transparent pixels show the white that the picture would lie on. */
function onWhite({ width, height, data }: Image): Image {
  const opaque = new Uint8Array(data);
  for (let at = 0; at < opaque.length; at += CHANNELS) {
    const share = (opaque[at + 3] ?? WHITE) / WHITE;
    for (let channel = at; channel < at + 3; channel += 1) {
      opaque[channel] = Math.round((opaque[channel] ?? 0) * share + WHITE * (1 - share));
    }
    opaque[at + 3] = WHITE;
  }
  return { width, height, data: opaque };
}

/** The reader takes no longer side. */
const SIDE_MAX = 4096;

/** Halved until it fits: of a photograph that large, a code still has pixels enough. */
function fitting(image: Image): Image {
  const fits = Math.max(image.width, image.height) <= SIDE_MAX;
  return fits ? image : fitting(halved(image));
}

/** Each pixel the mean of four; an odd last row or column is left away. */
function halved({ width, height, data }: Image): Image {
  const half = { width: Math.floor(width / 2), height: Math.floor(height / 2) };
  const smaller = new Uint8Array(half.width * half.height * CHANNELS);
  const line = width * CHANNELS;
  for (let y = 0; y < half.height; y += 1) {
    for (let x = 0; x < half.width * CHANNELS; x += 1) {
      const channel = x % CHANNELS;
      const at = 2 * y * line + 2 * (x - channel) + channel;
      const below = at + line;
      const sum =
        (data[at] ?? 0) +
        (data[at + CHANNELS] ?? 0) +
        (data[below] ?? 0) +
        (data[below + CHANNELS] ?? 0);
      smaller[y * half.width * CHANNELS + x] = sum / 4;
    }
  }
  return { ...half, data: smaller };
}

/** Sides that are shorter are enlarged: the reader wants several pixels a module. */
const SIDE_WANTED = 480;
/** White around a code that fills its picture, as a part of the longer side. */
const QUIET_SHARE = 0.12;

function enlarged({ width, height, data }: Image): Image {
  const side = Math.max(width, height);
  const scale = Math.max(1, Math.ceil(SIDE_WANTED / side));
  const quiet = Math.ceil(side * scale * QUIET_SHARE);
  const wide = width * scale + 2 * quiet;
  const high = height * scale + 2 * quiet;
  if (Math.max(wide, high) > SIDE_MAX) return { width, height, data };
  const larger = new Uint8Array(wide * high * CHANNELS).fill(WHITE);
  const from = new Uint32Array(data.buffer, data.byteOffset, width * height);
  const to = new Uint32Array(larger.buffer);
  for (let y = 0; y < height * scale; y += 1) {
    const row = Math.floor(y / scale) * width;
    const target = (y + quiet) * wide + quiet;
    for (let x = 0; x < width * scale; x += 1) {
      to[target + x] = from[row + Math.floor(x / scale)] ?? 0;
    }
  }
  return { width: wide, height: high, data: larger };
}

/** The smallest QR code has so many modules a side. */
const MODULES_MIN = 21;

async function search(image: Image): Promise<string[]> {
  const { width, height } = image;
  if (Math.min(width, height) < MODULES_MIN) return [];
  const [found = []] = await decodeQRBatch([image], {
    maxSize: { width, height },
    effort: Number.POSITIVE_INFINITY,
    timeLimit: SEARCH_MILLIS_MAX,
  });
  return [...new Set(found.filter((text) => typeof text === 'string'))];
}

function tooLarge(): FobtwinError {
  const mebibytes = IMAGE_BYTES_MAX / 1024 / 1024;
  const limits = `${mebibytes} MiB and ${IMAGE_PIXELS_MAX / MEGA} million pixels`;
  return new FobtwinError('invalidInput', `A picture has at most ${limits}`, {
    nextStep: 'Cut it to the QR code, or make it smaller.',
  });
}
