// Generated from the .proto files by `npm run proto`; do not edit.

export {};
