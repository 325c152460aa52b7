export declare const payloadForm: (value: any) => {
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
/** @param {ReturnType<typeof payloadForm>} payload */
export declare function checkPayload({ raw, gzip, zstd, deltas }: ReturnType<typeof payloadForm>): void;
