/** Why a decision came out as it did: wasm/ABI.md tells the steps. The numbers are the
 * places in this list. "sticky" is this package's own: an earlier decision, kept. */
export declare const DECISION_REASONS: readonly string[];
/** The outcome for one experiment or flag. It never changes. */
export declare class Decision {
    #private;
    /** One of DECISION_REASONS. */
    reason: string;
    /** The rule that decided, for reason "split". */
    rule: number;
    /** The bundle has expired and no newer one could be had. */
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
    /** Key of the experiment or flag. */
    get experiment(): string;
    /** "experiment" or "flag". */
    get kind(): "experiment" | "flag";
    /** Key of the variant; undefined if none is assigned. */
    get variant(): string | undefined;
    /** The variant's name for people; undefined if none is assigned. */
    get name(): string | undefined;
    /** The variant's configuration, parsed anew each time; undefined if none is assigned. */
    get config(): any;
    /** The unit type that the experiment is randomised by. */
    get unit(): string;
    /** The phase of the experiment's allocation. */
    get phase(): number;
    /** The experiment asks for visitors to keep their variants. */
    get sticky(): boolean;
    /** The bundle's revision. */
    get revision(): number;
    /**
     * The same decision with another variant of the experiment; undefined if it has none of
     * this key.
     * @param {string} key
     * @param {string} reason
     */
    withVariant(key: string, reason: string): Decision | undefined;
    toJSON(): {
        experiment: string;
        kind: string;
        variant: string | undefined;
        name: string | undefined;
        config: any;
        reason: string;
        rule: number;
        unit: string;
        phase: number;
        revision: number;
        stale: boolean;
    };
}
