/** Loaded before the action (`turnedClock`): its clock is ahead of this machine's. */
const ahead = Number(process.env.TURNED_CLOCK_MS);
const Real = globalThis.Date;

globalThis.Date = class extends Real {
  constructor(...given) {
    if (given.length === 0) super(Real.now() + ahead);
    else super(...given);
  }

  static now() {
    return Real.now() + ahead;
  }
};
