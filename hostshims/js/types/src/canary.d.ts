declare const canary: (value: any) => {
    stable: number;
    salt: string;
    share: number;
    labels: {
        name: string;
        values: string[];
    }[];
};
export type Canary = ReturnType<typeof canary>;
/** @typedef {ReturnType<typeof canary>} Canary */
/**
 * The form of the manifest's field "canary".
 * @param {any} value
 * @returns {Canary | null}
 */
export declare const canaryForm: (value: any) => Canary | null;
/**
 * @param {Canary | null} c
 * @param {number} revision
 */
export declare function checkCanary(c: Canary | null, revision: number): void;
/**
 * Reports whether a host without an id belongs to a canary.
 * @param {Canary} c
 * @param {Readonly<Record<string, string>>} labels of the host
 */
export declare function includes(c: Canary, labels: Readonly<Record<string, string>>): boolean;
/**
 * Checks the labels of a host.
 * @param {Readonly<Record<string, string>>} labels
 */
export declare function checkLabels(labels: Readonly<Record<string, string>>): void;
export {};
