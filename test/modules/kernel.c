/*
 * The least that is a kernel with a module to a debugger: structures with the names of Linux 7.3's, and a "loader" that copies what ld has
 * placed. It loads the module at one place, calls it, gives its initialization back, unloads it, and does the same at another place.
 */
typedef unsigned long ulong;
struct list_head { struct list_head *next, *prev; };
enum module_state { MODULE_STATE_LIVE, MODULE_STATE_COMING, MODULE_STATE_GOING, MODULE_STATE_UNFORMED };
enum mod_mem_type { MOD_TEXT, MOD_DATA, MOD_RODATA, MOD_RO_AFTER_INIT, MOD_INIT_TEXT, MOD_INIT_DATA, MOD_INIT_RODATA, MOD_MEM_NUM_TYPES };
struct module_memory { void *base; unsigned int size; };
struct attribute { const char *name; unsigned short mode; };
struct bin_attribute { struct attribute attr; ulong size; void *private; };
struct attribute_group { const char *name; struct bin_attribute **bin_attrs; };
struct module_sect_attrs { struct attribute_group grp; struct bin_attribute attrs[32]; };
struct elf64_sym { unsigned int st_name; unsigned char st_info, st_other; unsigned short st_shndx; ulong st_value, st_size; };
struct mod_kallsyms { struct elf64_sym *symtab; unsigned int num_symtab; char *strtab; };
struct module {
  enum module_state state;
  struct list_head list;
  char name[56];
  struct module_memory mem[MOD_MEM_NUM_TYPES];
  struct mod_kallsyms *kallsyms;
  struct module_sect_attrs *sect_attrs;
};

/* What the test writes of each place: sections, symbols, the bytes to copy. */
struct section { const char *name; ulong address; };
struct symbol { const char *name; ulong address; };
struct place {
  ulong base, text_size, init_text, init_text_size, size;
  const struct section *sections;
  const struct symbol *symbols;
  const unsigned char *bytes, *bytes_end;
  int (*init)(int), (*read)(int);
};
#include "places.h"

struct list_head modules = { &modules, &modules };
static struct module module = { .name = "unwind_counter" };
static struct module_sect_attrs attributes;
static struct bin_attribute *pointers[33];
static struct elf64_sym symtab[64];
static char strtab[1024];
static struct mod_kallsyms kallsyms = { symtab, 0, strtab };

__attribute__((noinline)) int do_init_module(struct module *mod, const struct place *place)
{
  int result = place->init(2);
  mod->state = MODULE_STATE_LIVE;
  mod->mem[MOD_INIT_TEXT] = (struct module_memory){ 0, 0 };
  return result;
}

__attribute__((noinline)) void module_arch_cleanup(struct module *mod)
{
  __asm__ volatile("" : : "r"(mod) : "memory");
}

static void name_symbols(const struct place *place)
{
  unsigned int count = 1, used = 1;
  for (const struct symbol *s = place->symbols; s->name; s++, count++) {
    symtab[count] = (struct elf64_sym){ .st_name = used, .st_info = 0x12, .st_shndx = 1, .st_value = s->address };
    for (const char *c = s->name;; c++) {
      strtab[used++] = *c;
      if (!*c) break;
    }
  }
  kallsyms.num_symtab = count;
}

static void load(const struct place *place)
{
  volatile unsigned char *to = (volatile unsigned char *)place->base;
  for (const unsigned char *from = place->bytes; from < place->bytes_end; from++) *to++ = *from;
  while ((ulong)to < place->base + place->size) *to++ = 0;
  __asm__ volatile("fence.i" : : : "memory");
  int n = 0;
  for (const struct section *s = place->sections; s->name; s++, n++) {
    attributes.attrs[n] = (struct bin_attribute){ .attr.name = s->name, .private = (void *)s->address };
    pointers[n] = &attributes.attrs[n];
  }
  pointers[n] = 0;
  attributes.grp.bin_attrs = pointers;
  name_symbols(place);
  module.kallsyms = &kallsyms;
  module.sect_attrs = &attributes;
  module.mem[MOD_TEXT] = (struct module_memory){ (void *)place->base, place->text_size };
  module.mem[MOD_DATA] = (struct module_memory){ (void *)(place->base + 0x2000), place->size - 0x2000 };
  module.mem[MOD_INIT_TEXT] = (struct module_memory){ (void *)place->init_text, place->init_text_size };
  module.state = MODULE_STATE_COMING;
  module.list = (struct list_head){ &modules, &modules };
  modules.next = modules.prev = &module.list;
}

void start_kernel(void)
{
  for (int at = 0; at < 2; at++) {
    load(&places[at]);
    do_init_module(&module, &places[at]);
    places[at].read(3);
    module.state = MODULE_STATE_UNFORMED;
    module_arch_cleanup(&module);
    modules.next = modules.prev = &modules;
  }
  /* SBI 2.0 §12: system reset. */
  register ulong a0 __asm__("a0") = 0;
  register ulong a6 __asm__("a6") = 0;
  register ulong a7 __asm__("a7") = 0x53525354;
  __asm__ volatile("ecall" : : "r"(a0), "r"(a6), "r"(a7));
  for (;;) ;
}

__asm__(".section .head.text, \"ax\"\n"
        ".globl _start\n"
        "_start: la sp, stack_end\n"
        "  call start_kernel\n"
        "  .bss\n  .balign 16\n  .skip 16384\nstack_end:\n  .text\n");
