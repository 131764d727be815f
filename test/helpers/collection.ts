/**
 * Configuration with which either daemon collects garbage only when somebody asks for it and waits, so that what nothing
 * refers to stays for as long as a test looks at it.
 */
export const collectWhenAsked = `[plugins."io.containerd.gc.v1.scheduler"]
pause_threshold = 0.000001
deletion_threshold = 1000000
mutation_threshold = 0
startup_delay = "0s"`;
