/** The tag of the image in the Docker daemon. */
export const MODULE_BASE: string;
/** The folder of the wheels. */
export const MODULE_WHEELS: string;
