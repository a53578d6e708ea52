import { formatTime } from '../../shared/time.ts';
import type { UnixMillis } from '../../shared/types.ts';
import { cellOf } from '../device/cell.ts';
import { deviceTimeAt, rateAt } from '../device/crystal.ts';
import type { Device, Fault } from '../device/types.ts';
import { printable } from './label.ts';

/** How a device is doing: what neither its face nor its label says, for people and programs. */

/** What `--json` says of it. Never its seed, its PIN or what is being entered. */
export function conditionJson(device: Device, at: UnixMillis) {
  const { mode, madeAt, profile, state, faults } = device;
  const { share, volts, ohms, underLoadVolts, isLow, isEmpty } = cellOf(device);
  return {
    mode,
    madeAt: formatTime(madeAt),
    celsius: state.celsius,
    clock: {
      offsetMillis: Math.round(deviceTimeAt(device, at) - at),
      ratePpm: rounded(rateAt(device, state.celsius, at), 3),
    },
    cell: {
      model: profile.cell.model,
      share: rounded(share, 4),
      volts: rounded(volts, 3),
      ohms: rounded(ohms, 1),
      underLoadVolts: rounded(underLoadVolts, 3),
      isLow,
      isEmpty,
    },
    presses: state.presses,
    faults: faults.map(({ name, attributes, probability, since }) => ({
      name,
      attributes,
      probability,
      since: formatTime(since),
    })),
  };
}

/** A name and what there is to say of it. */
export type Row = readonly [name: string, value: string];

/** The same for people. */
export function conditionRows(device: Device, at: UnixMillis): Row[] {
  const { mode, madeAt, faults, state } = device;
  return [
    ['mode', mode === 'live' ? "live: it follows this computer's clock" : 'simulated'],
    ['made', `${formatTime(madeAt).slice(0, 10)}, ${ageText(at - madeAt)}`],
    ['clock', clockText(device, at)],
    ['cell', cellText(device)],
    ['pressed', state.presses === 1 ? 'once' : `${state.presses} times`],
    ...(faults.length === 0
      ? [['faults', 'none'] as const]
      : faults.map((fault, place): Row => [place === 0 ? 'faults' : '', faultText(fault)])),
  ];
}

const DAY_MILLIS = 86_400_000;
const YEAR_DAYS = 365.25;

function ageText(millis: number): string {
  const days = Math.floor(millis / DAY_MILLIS);
  if (days < 1) return 'today';
  if (days < YEAR_DAYS) return days === 1 ? 'a day old' : `${days} days old`;
  return `${(days / YEAR_DAYS).toFixed(1)} years old`;
}

function clockText(device: Device, at: UnixMillis): string {
  const { celsius } = device.state;
  const offsetMillis = deviceTimeAt(device, at) - at;
  const off =
    Math.abs(offsetMillis) < 50
      ? 'right'
      : `${duration(Math.abs(offsetMillis))} ${offsetMillis > 0 ? 'fast' : 'slow'}`;
  const ratePpm = rateAt(device, celsius, at);
  if (device.mode === 'live' && ratePpm === 0) return off;
  const sign = ratePpm < 0 ? '−' : '+';
  const rate = `crystal ${sign}${Math.abs(ratePpm).toFixed(2)} ppm`;
  return device.mode === 'live' ? `${off}, ${rate}` : `${off}, ${rate} at ${degrees(celsius)}`;
}

const MINUTE = 60;
const HOUR = 3600;

function duration(millis: number): string {
  const seconds = millis / 1000;
  if (seconds < MINUTE) return `${seconds.toFixed(1)} s`;
  if (seconds < HOUR)
    return `${Math.floor(seconds / MINUTE)} min ${Math.round(seconds % MINUTE)} s`;
  if (seconds < 48 * HOUR) return `${(seconds / HOUR).toFixed(1)} h`;
  return `${Math.round((seconds * 1000) / DAY_MILLIS)} days`;
}

function degrees(celsius: number): string {
  return `${rounded(celsius, 1)} °C`.replace('-', '−');
}

function cellText(device: Device): string {
  const { share, volts, isLow, isEmpty } = cellOf(device);
  const { model } = device.profile.cell;
  if (isEmpty) return `${model}, empty`;
  return `${model}, ${Math.round(share * 100)} %, ${volts.toFixed(2)} V${isLow ? ', low' : ''}`;
}

function faultText({ name, attributes, probability, since }: Fault): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => `${key} ${printable(String(value))}`,
  );
  const chance = probability === 1 ? [] : [`in ${rounded(probability * 100, 2)} of 100 cases`];
  const words = [...given, ...chance];
  const how = words.length === 0 ? '' : ` (${words.join(', ')})`;
  return `${name}${how} since ${formatTime(since).slice(0, 16)}Z`;
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
