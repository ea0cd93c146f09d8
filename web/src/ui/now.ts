/** One ticking clock for the whole page, so that spans and deadlines move without a re-read. */
import { ref } from "vue";

export const now = ref(Date.now());

setInterval(() => {
  now.value = Date.now();
}, 1000);
