/** The form of the manifest's field "applications", which is absent if there is only one. */
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
 * Returns the manifest with the payload of one application. It returns the manifest as it
 * is if application is undefined, or if the manifest has no applications. If the manifest
 * has other applications only, it is refused for "application".
 * @param {import("./manifest.js").Manifest} m
 * @param {string | undefined} application the host's
 * @returns {import("./manifest.js").Manifest}
 */
export declare function forApplication(m: import("./manifest.js").Manifest, application: string | undefined): import("./manifest.js").Manifest;
