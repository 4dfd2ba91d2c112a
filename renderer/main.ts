/** The page's entry: language and theme, then the application. */
import './locale.ts';
import './theme/tokens.css';
import './theme/base.css';
import './theme/shared.css';
import { mount } from 'svelte';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
