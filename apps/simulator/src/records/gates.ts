export type GatePlace = 'submit' | 'submit_answer' | 'poll' | 'download';

/** `prompt`: text the submitted prompt must include; `times`: how many arrivals are held, all by default. */
export type GateMatch = { prompt?: string; times?: number };

export type Gate = {
  /** Resolves at the first arrival. */
  arrived: Promise<void>;
  /** How many were held so far. */
  arrivals(): number;
  /** Lets through who is held, and everyone who comes later. */
  release(): void;
};

type Closed = {
  at: GatePlace;
  match: GateMatch;
  held: number;
  opened: Promise<void>;
  open: () => void;
  firstArrival: () => void;
};

/** Places where a request can be held, so that a test waits for an arrival instead of for time to pass. */
export function createGates(changed: () => void) {
  const closed: Closed[] = [];

  return {
    close(at: GatePlace, match: GateMatch): Gate {
      const arrival = Promise.withResolvers<void>();
      const opening = Promise.withResolvers<void>();
      const gate: Closed = {
        at,
        match,
        held: 0,
        opened: opening.promise,
        open: opening.resolve,
        firstArrival: arrival.resolve,
      };
      closed.push(gate);
      return {
        arrived: arrival.promise,
        arrivals: () => gate.held,
        release() {
          const index = closed.indexOf(gate);
          if (index >= 0) closed.splice(index, 1);
          gate.open();
        },
      };
    },
    /** @returns nothing at once when no gate is closed here: the way every request goes in a bench */
    pass(at: GatePlace, prompt: string): Promise<void> | undefined {
      if (closed.length === 0) return undefined;
      const gate = closed.find((candidate) => candidate.at === at && holds(candidate, prompt));
      if (!gate) return undefined;
      gate.held += 1;
      gate.firstArrival();
      changed();
      return gate.opened;
    },
    openAll() {
      for (const gate of closed.splice(0)) gate.open();
    },
  };
}

export type Gates = ReturnType<typeof createGates>;

function holds(gate: Closed, prompt: string): boolean {
  const { prompt: text, times } = gate.match;
  return (times === undefined || gate.held < times) && (text === undefined || prompt.includes(text));
}
