/*
 * A layer for Vulkan that loses the device: after FETTLE_LOSE_AFTER submissions each further one gives VK_ERROR_DEVICE_LOST, as when a
 * driver is reset. It declares what it needs of the loader's interface (vk_layer.h, version 2) itself, so that a C compiler is all
 * that building it takes. tests/helpers/lose-device.ts builds it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef void (*Function)(void);
typedef Function (*GetProc)(void *, const char *);
typedef int (*Submit)(void *, uint32_t, const void *, void *);

/* VkLayerInstanceLink and VkLayerDeviceLink begin alike; `last` is vkGetDeviceProcAddr's of a device. */
typedef struct Link {
  struct Link *next;
  GetProc instance_proc;
  GetProc last;
} Link;

/* VkLayerInstanceCreateInfo and VkLayerDeviceCreateInfo; every structure of Vulkan's begins with type and next. */
typedef struct Info {
  int type;
  const struct Info *next;
  int function;
  Link *link;
} Info;

typedef struct {
  int type;
  void *next;
  uint32_t version;
  GetProc instance_proc;
  GetProc device_proc;
  GetProc physical_device_proc;
} Negotiation;

enum { INSTANCE_INFO = 47, DEVICE_INFO = 48, LINK = 0, DEVICE_LOST = -4 };

static GetProc next_instance_proc, next_device_proc;
static Submit next_submit;
static void *instance;
static long submissions, lost_after;

static Function instance_proc(void *, const char *);
static Function device_proc(void *, const char *);

/* The next layer, or the driver; the one after it is moved up for that. */
static Link *link_of(const Info *info, int type) {
  while (info && !(info->type == type && info->function == LINK)) info = info->next;
  Link *link = info->link;
  ((Info *)info)->link = link->next;
  return link;
}

static int create_instance(const Info *info, const void *allocator, void **made) {
  next_instance_proc = link_of(info->next, INSTANCE_INFO)->instance_proc;
  int result = ((int (*)(const Info *, const void *, void **))next_instance_proc(NULL, "vkCreateInstance"))(info, allocator, made);
  instance = *made;
  return result;
}

static int create_device(void *card, const Info *info, const void *allocator, void **made) {
  Link *link = link_of(info->next, DEVICE_INFO);
  next_device_proc = link->last;
  const char *after = getenv("FETTLE_LOSE_AFTER");
  lost_after = after ? atol(after) : 0;
  int result = ((int (*)(void *, const Info *, const void *, void **))link->instance_proc(instance, "vkCreateDevice"))(card, info, allocator, made);
  if (result == 0) next_submit = (Submit)next_device_proc(*made, "vkQueueSubmit");
  return result;
}

static int queue_submit(void *queue, uint32_t count, const void *infos, void *fence) {
  return ++submissions > lost_after ? DEVICE_LOST : next_submit(queue, count, infos, fence);
}

static Function own(const char *name) {
  if (!strcmp(name, "vkCreateInstance")) return (Function)create_instance;
  if (!strcmp(name, "vkCreateDevice")) return (Function)create_device;
  if (!strcmp(name, "vkQueueSubmit")) return (Function)queue_submit;
  if (!strcmp(name, "vkGetInstanceProcAddr")) return (Function)instance_proc;
  return !strcmp(name, "vkGetDeviceProcAddr") ? (Function)device_proc : NULL;
}

static Function instance_proc(void *from, const char *name) {
  Function found = own(name);
  return found ? found : next_instance_proc(from, name);
}

static Function device_proc(void *device, const char *name) {
  Function found = own(name);
  return found ? found : next_device_proc(device, name);
}

int vkNegotiateLoaderLayerInterfaceVersion(Negotiation *negotiation) {
  negotiation->version = 2;
  negotiation->instance_proc = instance_proc;
  negotiation->device_proc = device_proc;
  negotiation->physical_device_proc = NULL;
  return 0;
}
