/* The project's version; CMakeLists.txt reads it from here. */
#ifndef AVQA_BASE_VERSION_H
#define AVQA_BASE_VERSION_H

#define AVQA_VERSION "0.1.0"

#endif
