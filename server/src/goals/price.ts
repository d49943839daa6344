import type { Config, ServiceTier, Usage } from '@goald/protocol';

/** What one token costs, in whole picodollars (10^-12 USD), and what the priority tier costs of it, in thousandths. */
export interface Price {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly fastMilli: number;
}

/** A tier as it is asked for. */
export type Tier = 'priority' | 'default';

/** The part of the configuration that says what tokens cost. */
export type Pricing = Pick<Config, 'pricing' | 'fastMode'>;

const PICO_PER_USD_PER_MILLION = 1_000_000;
/** Picodollars times thousandths in a nanodollar. */
const UNITS_PER_NANO = 1_000_000n;
const STANDARD_MILLI = 1000;
const MOST = BigInt(Number.MAX_SAFE_INTEGER);

/** The price of a model, or null where the configuration has none. */
export function priceOf(config: Pricing, model: string): Price | null {
  const found = own(config.pricing, model) ?? own(config.pricing, '*');
  if (found === undefined) return null;
  return {
    input: pico(found.input),
    cachedInput: pico(found.cachedInput ?? found.input),
    output: pico(found.output),
    fastMilli: Math.round((found.fastMultiplier ?? config.fastMode.multiplier) * STANDARD_MILLI),
  };
}

/** What a request costs in whole nanodollars, rounded up once. */
export function costOf(usage: Usage, price: Price, tier: string): number {
  const units = inputUnits(usage.input, usage.cachedInput, price) + output(usage.output, price);
  const nano = ceilDivide(units * multiplier(price, tier), UNITS_PER_NANO);
  return Number(nano < MOST ? nano : MOST);
}

/**
 * The longest output, in tokens, that together with this input costs at most `leftNano`. Negative where not even the input is
 * affordable.
 */
export function affordableOutput(
  leftNano: number,
  request: { readonly input: number; readonly cachedInput: number },
  price: Price,
  tier: string,
): number {
  const times = multiplier(price, tier);
  const input = inputUnits(request.input, request.cachedInput, price) * times;
  const left = BigInt(Math.floor(leftNano)) * UNITS_PER_NANO - input;
  if (left < 0n) return -1;
  const each = BigInt(price.output) * times;
  if (each === 0n) return Number.MAX_SAFE_INTEGER;
  const tokens = left / each;
  return Number(tokens < MOST ? tokens : MOST);
}

/** The tier to ask for: what the thread says, else what the configuration says. */
export function tierOf(threadTier: string | null, config: Pricing): Tier {
  if (threadTier !== null) return isFast(threadTier) ? 'priority' : 'default';
  return config.fastMode.enabled ? 'priority' : 'default';
}

/** The tier a request is charged by: the one the provider says it served, else the one that was asked for. */
export function servedTier(requested: string, served: string | null): string {
  return served === null || served === '' || served === 'auto' ? requested : served;
}

/** True for the tier that is charged by its multiplier. */
export function isFast(tier: string): boolean {
  return tier === 'priority' || tier === 'fast';
}

/** The price as people write it: USD for a million tokens, and the multiplier of the tier. */
export function priceView(
  price: Price,
  tier: string,
): { input: number; cachedInput: number; output: number; multiplier: number } {
  const usd = (value: number): number => value / PICO_PER_USD_PER_MILLION;
  return {
    input: usd(price.input),
    cachedInput: usd(price.cachedInput),
    output: usd(price.output),
    multiplier: Number(multiplier(price, tier)) / STANDARD_MILLI,
  };
}

function inputUnits(input: number, cachedInput: number, price: Price): bigint {
  const all = tokens(input);
  const cached = tokens(cachedInput) < all ? tokens(cachedInput) : all;
  return (all - cached) * BigInt(price.input) + cached * BigInt(price.cachedInput);
}

function output(count: number, price: Price): bigint {
  return tokens(count) * BigInt(price.output);
}

function multiplier(price: Price, tier: string): bigint {
  return BigInt(isFast(tier) ? price.fastMilli : STANDARD_MILLI);
}

function tokens(count: number): bigint {
  return BigInt(Math.max(0, Math.ceil(count)));
}

function ceilDivide(value: bigint, by: bigint): bigint {
  return (value + by - 1n) / by;
}

function pico(usdPerMillion: number): number {
  return Math.round(usdPerMillion * PICO_PER_USD_PER_MILLION);
}

/** A model may be called `constructor`. */
function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The tier a client asked for, as a thread keeps it: null is what the configuration says. */
export function storedTier(asked: ServiceTier | null): Tier | null {
  if (asked === null) return null;
  return isFast(asked) ? 'priority' : 'default';
}
