/** What the bundler adds: styles can be imported. */
/// <reference types="vite/client" />
