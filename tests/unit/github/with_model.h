/*
 * with_model.h - the model's tables for a test program that is linked with the adapter and what its library names.
 *
 * The adapter refers to the records' field tables; a program has them from the engine's libraries. Included once per
 * test program; where the model's library is linked too, its copy stays out.
 */
#pragma once

#include "core/model/model.c"
#include "core/model/repo.c"
