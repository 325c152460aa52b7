/** The reasons of decisions, in the order of their numbers in wasm/ABI.md, which describes
 * the steps of a decision. The last one is set by this package: "sticky" is an earlier
 * decision that was kept. */
export declare const DECISION_REASONS: readonly string[];
/** The outcome for one experiment or flag. It is immutable. */
export declare class Decision {
    #private;
    /** One of DECISION_REASONS. */
    reason: string;
    /** The index of the rule that decided, for reason "split". */
    rule: number;
    /** Whether the bundle had expired when this was decided. */
    stale: boolean;
    /**
     * @param {import("./snapshot.js").Snapshot} snapshot
     * @param {number} index of the experiment
     * @param {import("./catalog.js").Variant | undefined} variant
     * @param {string} reason
     * @param {number} rule
     * @param {boolean} stale
     */
    constructor(snapshot: import("./snapshot.js").Snapshot, index: number, variant: import("./catalog.js").Variant | undefined, reason: string, rule: number, stale: boolean);
    /** The key of the experiment or flag. */
    get experiment(): string;
    /** "experiment" or "flag". */
    get kind(): "experiment" | "flag";
    /** The key of the variant; undefined if none is assigned. */
    get variant(): string | undefined;
    /** The variant's display name; undefined if none is assigned. */
    get name(): string | undefined;
    /** The variant's configuration, parsed anew each time; undefined if none is assigned. */
    get config(): any;
    /** The unit type that the experiment is randomised by. */
    get unit(): string;
    /** The phase of the experiment's allocation. */
    get phase(): number;
    /** Whether visitors keep their variants of this experiment. */
    get sticky(): boolean;
    /** The revision of the bundle. */
    get revision(): number;
    /**
     * Returns the decision with another variant and reason; undefined if the experiment has no
     * variant with this key.
     * @param {string} key
     * @param {string} reason
     */
    withVariant(key: string, reason: string): Decision | undefined;
    toJSON(): {
        [k: string]: any;
    };
}
