/** The form of a manifest's field, which is left out where there is but one application. */
export declare const applicationsForm: (value: any) => {
    name: string;
    payload: {
        raw: {
            sha256: any;
            size: number;
        };
        gzip: {
            sha256: any;
            size: number;
        };
        zstd: {
            sha256: any;
            size: number;
        };
        deltas: {
            from: any;
            packed: {
                sha256: any;
                size: number;
            };
        }[];
    };
}[];
/** @param {ReturnType<typeof applicationsForm> | undefined} applications */
export declare function checkApplications(applications: ReturnType<typeof applicationsForm> | undefined): void;
/**
 * Checks the name of an application: lower-case letters, digits, hyphens and underscores.
 * @param {string} name
 */
export declare function checkApplication(name: string): void;
/**
 * The manifest as a host of an application has it: with the payload of that. It is that of
 * all for the host of none, and where the manifest has no applications. Refused for
 * "application" if it has others.
 * @param {import("./manifest.js").Manifest} m
 * @param {string | undefined} application
 * @returns {import("./manifest.js").Manifest}
 */
export declare function forApplication(m: import("./manifest.js").Manifest, application: string | undefined): import("./manifest.js").Manifest;
